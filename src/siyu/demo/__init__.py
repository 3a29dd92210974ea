"""Demo: a believable skin care brand, sent through the product's own doors, and then served."""
