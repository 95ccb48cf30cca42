"""Operations with a backward pass: ``forward(ctx, …)`` and PyTorch."""
