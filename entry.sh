#!/bin/sh
exec mover "$@"
