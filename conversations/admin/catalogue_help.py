"""What each field of a provider and of a model is for, in a line beneath it."""

from django.utils.translation import gettext_lazy as _

EMPTY_AS_THE_SITE = _("Empty: what CHATSITE_…_SECONDS says for all providers.")
NO_LIMIT = _("Over all processes. Empty: as many as are asked for.")

PROVIDER = {
    "name": _(
        "What the ledger calls it: letters, digits, - and _. The one that is called “openai” follows "
        "OPENAI_API_KEY and OPENAI_BASE_URL."
    ),
    "kind": _(
        "How it is spoken to. Ollama, vLLM, llama.cpp, LiteLLM and OpenRouter speak as OpenAI does."
    ),
    "base_url": _(
        "With /v1 at its end, such as http://ollama:11434/v1; for Azure OpenAI "
        "https://NAME.openai.azure.com; for OpenAI empty."
    ),
    "api_version": _(
        "For Azure OpenAI alone, such as 2024-10-21: models are then asked by deployment. Empty: its "
        "newer address, which wants none."
    ),
    "is_enabled": _(
        "Switched off, none of its models is on offer. Answers that have begun are finished."
    ),
    "key_from": _("Where its key is kept. Servers of your own may want none."),
    "key_name": _(
        "The name of a variable that ends in _API_KEY, or the path of a file in a folder for keys "
        "(CHATSITE_KEY_FOLDERS)."
    ),
    "concurrent_calls": NO_LIMIT,
    "requests_per_minute": NO_LIMIT,
    "tokens_per_minute": NO_LIMIT,
    "failures_in_a_row": _(
        "So many questions within a minute. Then fall-backs answer for a while, and one question tries it "
        "again. 0: never."
    ),
    "proxy": _(
        "Calls go through it, such as http://proxy.example.org:3128. Empty: what HTTPS_PROXY says, if "
        "it is set."
    ),
    "connect_seconds": EMPTY_AS_THE_SITE,
    "first_token_seconds": _(
        "Thinking counts too. Empty: what CHATSITE_…_SECONDS says for all providers."
    ),
    "between_tokens_seconds": EMPTY_AS_THE_SITE,
    "answer_seconds": EMPTY_AS_THE_SITE,
}

MODEL = {
    "slug": _(
        "What programs, conversations and the ledger call it. Conversations look for it under this id: "
        "with another one they go on with the default."
    ),
    "name": _("What people read when they choose."),
    "description": _("A line for those who choose. It need not be there."),
    "provider": _("Who answers for it."),
    "sent_as": _("What its provider calls it; with Azure OpenAI the deployment. Empty: the id."),
    "is_enabled": _(
        "Withdrawn, nobody can choose it. Its conversations open all the same and go on with another."
    ),
    "is_default": _(
        "What new conversations begin with, unless CHATSITE_DEFAULT_MODEL says otherwise. There is one: "
        "it takes the place of the one before."
    ),
    "position": _("Small numbers stand first when people choose."),
    "groups": _("Nobody chosen: it is for everybody."),
    "context_window": _(
        "How many tokens it can take in and write in all, as its vendor says. With rules: empty."
    ),
    "is_window_guessed": _(
        "Its server did not say. What is longer than the server takes may be cut without a word: look "
        "there, enter it, and take the tick away."
    ),
    "max_output_tokens": _(
        "How many of them one answer may have at most, thoughts included. With rules: empty."
    ),
    "tokenizer": _("How it cuts text into tokens. Empty: it is estimated, a little too high."),
    "picture_tokens": _(
        'What a picture takes: {"base": 85, "tile": 170} or {"patch": 1.62, "most": 1536}. Empty: as '
        "GPT-4o."
    ),
    "picture_side": _(
        "Pictures are sent to it no larger than this. Empty: 2,048 pixels, as they are stored."
    ),
    "options": _(
        'What it is asked with where nobody says otherwise, such as {"temperature": 0.3}. Empty: what '
        "CHATSITE_OPTIONS says."
    ),
    "limit_parameter": _(
        "OpenAI wants max_completion_tokens; many other servers know max_tokens alone."
    ),
    "instruction_role": _("Models of OpenAI that think take instructions from a developer."),
    "small": _("Who names conversations and sums up for it. Empty: the model itself."),
    "fall_back": _("Who answers in its place while its provider cannot. Empty: nobody."),
}

ABILITIES = _("What it has no tick for is neither offered nor asked of it.")
EFFORTS = _("How long it can be told to think, if it thinks first.")
PARAMETERS = _("What it accepts. None chosen: what models of its sort usually take.")
