namespace Reverie.Sleep;

/// <summary>What a person said about sleep learning from the conversations, or about sharing with the company. Of several the newest counts; without any the answer is no.</summary>
/// <param name="IsGiven">Whether it may be.</param>
/// <param name="Wording">The words that were agreed to or refused.</param>
/// <param name="Said">When, UTC.</param>
/// <param name="Sequence">Number of this change among all changes of its owner.</param>
public sealed record Consent(bool IsGiven, string Wording, DateTimeOffset Said, long Sequence);
