using Reverie.Models;

namespace Reverie.Sleep;

/// <summary>What a person thinks of a reply, with the conversation before it.</summary>
/// <param name="Prompt">The turns before the reply; ends with the person's.</param>
/// <param name="Wanted">What should have been said: the reply that was approved of, or the better answer.</param>
/// <param name="Said">What was said and should not have been; null where the reply was approved of.</param>
/// <param name="Message">Id of the reply.</param>
/// <param name="Sources">Ids of all messages that it is made of.</param>
/// <param name="Trust">The least trusted source of the prompt's characters; what the model said counts as typed once a person has judged it.</param>
/// <param name="Given">When, UTC.</param>
public sealed record Lesson(IReadOnlyList<Message> Prompt, string Wanted, string? Said, string Message, IReadOnlyList<string> Sources, Provenance Trust, DateTimeOffset Given);
