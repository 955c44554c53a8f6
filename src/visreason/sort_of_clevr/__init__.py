"""Sort-of-CLEVR: six flat shapes of six colours, and questions that need relations beside ones that do not.

Santoro et al., "A simple neural network module for relational reasoning" (2017), section 4 and appendix
(https://arxiv.org/abs/1706.01427). The field's unit test for relational networks, made here from a seed.
"""
