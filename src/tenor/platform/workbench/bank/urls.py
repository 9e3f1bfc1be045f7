"""The addresses of the bank."""

from django.urls import path

from tenor.platform.workbench.bank import accounts, lines, views

urlpatterns = [
    path("bank/", views.bank, name="bank"),
    path("bank/again/", views.look_again, name="bank_again"),
    path("bank/files/<int:number>/", views.file, name="bank_file"),
    path("bank/statements/", views.statements, name="bank_statements"),
    path("bank/statements/<int:number>/", views.statement, name="bank_statement"),
    path("bank/statements/<int:number>.csv", views.statement_csv, name="bank_statement_csv"),
    path("bank/lines/<int:number>/", lines.line, name="bank_line"),
    path("bank/lines/<int:number>/propose/", lines.propose, name="bank_propose"),
    path("bank/lines/<int:number>/aside/", lines.aside, name="bank_aside"),
    path("bank/lines/<int:number>/undo/", lines.undo, name="bank_undo"),
    path("bank/accounts/", accounts.accounts, name="bank_accounts"),
    path("bank/accounts/remove/", accounts.remove, name="bank_account_remove"),
]
