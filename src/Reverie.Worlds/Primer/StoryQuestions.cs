using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>Questions about a story that was just told.</summary>
internal static class StoryQuestions
{
    private static readonly Wordings WhoWasIt = new(
        ["What was the name of the {K}?", "What was the {K} named?", "Who was the {K}?", "What is the name of the {K}?"], ["Which name did the {K} have?", "Tell me the name of the {K}."]);

    private static readonly Wordings WhoHelped = new(["Who helped {H}?", "Who was the helper?", "Who came to help {H}?"], ["Tell me who helped {H}.", "Which friend helped {H}?"]);

    private static readonly Wordings WhatWish = new(["What did {H} want?", "What was the wish of {H}?", "What did the {K} want?"], ["Tell me what {H} wanted.", "What was it that {H} wanted?"]);

    /// <summary>A question, its answer, and whether an answer is right.</summary>
    public static (string Question, string Gold, Func<string, bool> IsRight) Draw(StoryCast cast, Split split, RandomStream random)
    {
        switch (random.Next(3))
        {
            case 0:
                return (Fill(WhoWasIt.Pick(split, random), cast), $"The {cast.Kind} was named {cast.Hero}.", answer => Reply.HasWords(answer, cast.Hero) && !Reply.HasWords(answer, cast.Helper));
            case 1:
                return (Fill(WhoHelped.Pick(split, random), cast), $"{cast.Helper} the {cast.HelperKind} helped {cast.Hero}.", answer =>
                    answer.StartsWith(cast.Helper, StringComparison.Ordinal) && Stories.KindsIn(answer).All(kind => kind == cast.HelperKind));
            default:
                string goal = cast.Goal.StartsWith("to ", StringComparison.Ordinal) ? cast.Goal[3..] : cast.Goal;
                return (Fill(WhatWish.Pick(split, random), cast), $"{cast.Hero} wanted {cast.Goal}.", answer => Reply.HasWords(answer, goal));
        }
    }

    private static string Fill(string template, StoryCast cast) => Composition.Fill(template, ("H", cast.Hero), ("K", cast.Kind));
}
