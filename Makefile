# The same words as manage.sh, for those whose fingers type make.
.PHONY: help start test long bench lock
help start test long bench lock:
	@./manage.sh $@
