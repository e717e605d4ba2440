"""The floor of every Typer program: one command that says a word."""

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def hello() -> None:
    """Say it."""
    typer.echo("hello")


if __name__ == "__main__":
    app()
