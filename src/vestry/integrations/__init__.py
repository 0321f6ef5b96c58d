"""What talks to the outside: each returns plain values and knows no part of the business."""
