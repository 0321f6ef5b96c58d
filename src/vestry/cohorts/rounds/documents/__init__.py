"""The statement of a month as a page of text: PDF and XLSX, for the fund or for the company."""
