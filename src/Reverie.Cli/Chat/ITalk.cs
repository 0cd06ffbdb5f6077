using Reverie.Models;

namespace Reverie.Cli.Chat;

/// <summary>A conversation, as the terminal leads it.</summary>
internal interface ITalk
{
    /// <summary>The system message; null for none.</summary>
    string? System { get; set; }

    /// <summary>What was said, oldest first, without the system message.</summary>
    IReadOnlyList<Message> Messages { get; }

    /// <summary>What a person may want to know of the last reply beside its words.</summary>
    IEnumerable<string> Notes { get; }

    /// <summary>Says something and streams the reply.</summary>
    /// <param name="text">What the person says.</param>
    /// <param name="cancel">Ends the reply; what was said until then stays.</param>
    /// <exception cref="Tensors.ReverieException">There can be no reply; the message says why.</exception>
    IEnumerable<ChatPiece> Send(string text, CancellationToken cancel);

    /// <summary>Begins anew.</summary>
    void Reset();

    /// <summary>Keeps what a person thinks of the last reply; false where nothing is kept.</summary>
    /// <param name="isGood">Whether it was good.</param>
    /// <param name="better">What should have been said; null for nothing.</param>
    /// <exception cref="Tensors.ReverieException">There is no reply yet.</exception>
    bool Judge(bool isGood, string? better);
}
