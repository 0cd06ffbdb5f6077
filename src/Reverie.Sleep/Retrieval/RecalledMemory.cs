namespace Reverie.Sleep;

/// <summary>A statement that was found again.</summary>
/// <param name="Text">What was said, as it was typed.</param>
/// <param name="Message">Id of the message that said it last.</param>
/// <param name="Conversation">Id of the conversation.</param>
/// <param name="Written">When, UTC.</param>
/// <param name="Sequence">Number of the change that brought the message among all changes of its owner.</param>
/// <param name="Score">Higher fits better; comparable within one answer only.</param>
public sealed record RecalledMemory(string Text, string Message, string Conversation, DateTimeOffset Written, long Sequence, double Score) : IComparable<RecalledMemory>
{
    /// <summary>Older before newer; what came at the same time in an order that is always the same.</summary>
    public int CompareTo(RecalledMemory? other)
    {
        if (other is null) return 1;
        int order = Written.CompareTo(other.Written);
        if (order == 0) order = Sequence.CompareTo(other.Sequence);
        if (order == 0) order = string.CompareOrdinal(Message, other.Message);
        return order != 0 ? order : string.CompareOrdinal(Text, other.Text);
    }
}
