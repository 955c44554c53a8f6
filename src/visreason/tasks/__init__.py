"""Training, testing and asking: recipes, Lightning modules, run folders.

`training.train` trains a recipe, `testing.run_test` measures a model, `asking.ask_model` asks it,
`loading.load_any` finds it. Nothing is re-exported here, so that asking does not import Lightning.
"""
