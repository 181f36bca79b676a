"""What tests of more than one tier share: movers to run, volumes, manifests and a fake cluster."""
