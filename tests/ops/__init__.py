"""The ground under the product: settings, logs, health, and the launcher that starts it all."""
