"""Images with boxes that have classes: one reader a format, all giving the same `RegionSet`."""
