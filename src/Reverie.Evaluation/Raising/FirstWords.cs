using Reverie.Models;

namespace Reverie.Evaluation;

/// <summary>What a model under way is asked to say, so that one can watch it learn.</summary>
internal static class FirstWords
{
    private static readonly string[] Prompts = ["Tell me a story about a fox.", "What is 27 + 45?", "Who are you?", "Spell garden."];

    /// <summary>The model's answer to one of a few questions, in turn.</summary>
    public static string Sample(Generator generator, Tokenizer tokenizer, int turn)
    {
        string prompt = Prompts[turn % Prompts.Length];
        int[] tokens = tokenizer.ChatTemplate.Render([new Message(Role.User, prompt)], addGenerationPrompt: true).Tokens;
        var request = new GenerationRequest(tokens, new SamplingOptions { Temperature = 0, MaxTokens = 60 });
        return $"{prompt} > {generator.RunToEnd([request], 1)[0].Text}";
    }
}
