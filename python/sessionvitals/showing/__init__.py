"""Values and tables in notebooks and in the tables of other libraries."""
