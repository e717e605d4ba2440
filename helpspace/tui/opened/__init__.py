"""What an opened session shows besides its facts."""
