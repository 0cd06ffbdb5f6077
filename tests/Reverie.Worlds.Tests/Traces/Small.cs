using Reverie.Models;

namespace Reverie.Worlds.Tests.Traces;

internal static class Small
{
    /// <summary>A tokenizer of few tokens, trained on demonstrations.</summary>
    public static Tokenizer Tokenizer { get; } = Tokenizer.Train(
        new CalendarTasks().Tasks(Split.Train, 1).Take(100).Select(t => string.Join('\n', Demonstrations.Of(t).Select(m => m.Content))), 400);
}
