using System.Text;

namespace Reverie.Models;

/// <summary>
/// Turns the bytes of generated tokens into text as they come, in whole characters only: a token may end
/// in the middle of one. The parts together equal the text decoded at once.
/// </summary>
public sealed class Utf8Stream
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>Takes the bytes of one or more tokens and returns the characters that are complete now, perhaps none.</summary>
    public string Append(ReadOnlySpan<byte> bytes) => Decode(bytes, flush: false);

    /// <summary>Ends the stream: what is left of an unfinished character is U+FFFD. The stream can be used anew.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        int written = _decoder.GetChars(bytes, characters, flush);
        return new string(characters, 0, written);
    }
}
