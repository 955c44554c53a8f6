"""The project's own benchmarks: each module measures one thing against its plain formula, in one run."""
