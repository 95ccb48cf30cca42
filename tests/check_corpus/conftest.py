collect_ignore_glob = ["right/*"]
