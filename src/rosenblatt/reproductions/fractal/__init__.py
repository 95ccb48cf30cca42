"""The border of trainability over two learning rates: where training converges or diverges."""
