"""Speed, as ratios of one run on one machine: `make bench`. Nothing here runs in `make test`."""
