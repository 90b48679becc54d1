"""Models behind OpenAI's chat completions, which Groq, Ollama, vLLM, LM Studio and llama.cpp speak too."""
