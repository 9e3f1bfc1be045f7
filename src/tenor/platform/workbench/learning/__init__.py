"""The place where one sees what is learned, tried, proven and watched."""
