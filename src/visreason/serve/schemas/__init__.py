"""What the studio's HTTP API takes and gives, as typed JSON: the source of its OpenAPI description.

Images travel as base64 text, as they are or as a `data:` URL; boxes are `[x, y, width, height]` in pixels of the image
that they are about; scenes are the records of CLEVR v1.0.
"""
