using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>One task: what is asked, what an expert answers, and how an answer is scored.</summary>
/// <param name="Prompt">The conversation up to the reply that is wanted; ends with a turn that is not the assistant's.</param>
/// <param name="Gold">A reply that scores 1.</param>
/// <param name="Score">Scores a reply between 0 and 1.</param>
public sealed record TaskItem(IReadOnlyList<Message> Prompt, string Gold, Func<string, double> Score);
