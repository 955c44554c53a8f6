"""Features of a frozen backbone on disk: our shards, clevr-iep's HDF5, Stack NMN's folder of `.npy` files."""
