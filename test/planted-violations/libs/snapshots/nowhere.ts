import '#libs/snapshots/not-there.js'; // breaks: no-unresolvable
