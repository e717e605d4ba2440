"""The actions of the course, for the table of all actions."""

from __future__ import annotations

from helpspace.tui.action import Place, rows_of

_COURSE = rows_of(
    Place.COURSE, "course",
    ("read", "enter", "read", "read", "Read the marked chapter."),
    ("up", "up,k", "chapter above", "", "Go to the chapter above."),
    ("down", "down,j", "chapter below", "choose", "Go to the chapter below."),
    ("exercise", "x", "exercise", "exercise", "Go to the marked chapter's exercise."),
    ("back", "escape,q", "back", "back", "Go back to where you came from."),
    ("help", "question_mark", "help", "help", "Show every key and what it does."),
)  # fmt: skip

_CHAPTER = rows_of(
    Place.CHAPTER, "chapter",
    ("exercise", "enter,x", "exercise", "exercise", "Go to the exercise of this chapter."),
    ("on", "space,pagedown", "read on", "read on", "Turn a page on."),
    ("page_back", "pageup", "page back", "", "Turn a page back."),
    ("up", "up,k", "up", "", "Move the text by a line, upwards."),
    ("down", "down,j", "down", "", "Move the text by a line, downwards."),
    ("top", "home", "beginning", "", "Go to the beginning of the chapter."),
    ("bottom", "end", "end", "", "Go to the end of the chapter."),
    ("previous", "left_square_bracket,left,h", "chapter before", "",
     "Read the chapter before this one."),
    ("next", "right_square_bracket,right,l", "chapter after", "chapter",
     "Read the chapter after this one."),
    ("back", "escape,q", "back", "back", "Go back to the list of chapters."),
    ("help", "question_mark", "help", "help", "Show every key and what it does."),
)  # fmt: skip

_EXERCISE = rows_of(
    Place.EXERCISE, "exercise",
    ("go", "enter", "answer", "answer", "Give the answer, open the form, or go on."),
    ("up", "up,k", "answer above", "", "Go to the answer above."),
    ("down", "down,j", "answer below", "choose", "Go to the answer below."),
    ("mark", "space", "mark", "mark", "Mark an answer, or take the mark off."),
    ("again", "r", "read again", "read again", "Read the chapter again; the exercise waits."),
    ("back", "escape,q", "back", "back", "Go back to the chapter; nothing is lost."),
    ("help", "question_mark", "help", "help", "Show every key and what it does."),
)  # fmt: skip

LEARNING = (*_COURSE, *_CHAPTER, *_EXERCISE)
