"""The grammar of the agreement language: one class per idea, strict, frozen; the JSON Schema is written from it."""
