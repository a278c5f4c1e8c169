"""Pictures of the web, fetched by us through a guard: no browser, and no model's vendor, goes there."""
