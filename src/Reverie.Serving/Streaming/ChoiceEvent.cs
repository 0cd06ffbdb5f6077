using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>What happened in one of the answers to a request.</summary>
/// <param name="Index">Which answer.</param>
/// <param name="Event">What happened.</param>
internal readonly record struct ChoiceEvent(int Index, ChatEvent Event);
