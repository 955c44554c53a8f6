"""What is learnt: one Lightning module a task, over what all of them share (`module`)."""
