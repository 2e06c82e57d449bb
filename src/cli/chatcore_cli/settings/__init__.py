"""Where settings come from: options, environment, files, secrets."""
