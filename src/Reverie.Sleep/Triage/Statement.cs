namespace Reverie.Sleep;

/// <summary>A sentence of a conversation that a person took part in.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Trust">The least trusted source of its characters: <see cref="Provenance.Typed"/> only where a person typed every one of them.</param>
/// <param name="Message">Id of the message.</param>
/// <param name="Said">When, UTC.</param>
public sealed record Statement(string Text, Provenance Trust, string Message, DateTimeOffset Said);
