using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// Reads a plain text file as documents of bounded size, so that a file of any length, even one single line, streams in
/// bounded memory. Each document ends at a blank line where there is one in its second half, else at a line end, else at a space,
/// else where it must. <c>&lt;|endoftext|&gt;</c>, which collections of stories put between them, ends a document and is
/// left out. Put together, the documents are the file: nothing else is changed but a byte-order mark at the start.
/// </summary>
internal static class TextDocuments
{
    private const string Separator = "<|endoftext|>";
    private const int BlockBytes = 1 << 16;

    /// <summary>Reads documents of at most <paramref name="maximumLength"/> UTF-16 units; those of white space alone are left out.</summary>
    /// <exception cref="ReverieException">The file is not UTF-8 text, or cannot be read.</exception>
    public static IEnumerable<string> Read(string path, int maximumLength)
    {
        using FileStream stream = DataFiles.Open(path);
        var window = new Window(stream, path, maximumLength);
        while (window.Next() is { } document)
        {
            if (!string.IsNullOrWhiteSpace(document)) yield return document;
        }
    }

    private sealed class Window(Stream stream, string path, int maximumLength)
    {
        private readonly byte[] _bytes = new byte[BlockBytes];
        private readonly char[] _text = new char[maximumLength + Separator.Length + BlockBytes];
        private int _byteCount;
        private long _offset;
        private int _start;
        private int _end;
        private bool _ended;

        public string? Next()
        {
            while (!_ended && _end - _start <= maximumLength + Separator.Length) Fill();
            if (_start == _end) return null;
            ReadOnlySpan<char> text = _text.AsSpan(_start, _end - _start);
            int separator = text.IndexOf(Separator);
            int length = separator >= 0 && separator <= maximumLength ? separator
                : text.Length <= maximumLength ? text.Length
                : Cut(text[..maximumLength]);
            string document = new(text[..length]);
            _start += length == separator ? length + Separator.Length : length;
            return document;
        }

        private void Fill()
        {
            _text.AsSpan(_start, _end - _start).CopyTo(_text);
            (_start, _end) = (0, _end - _start);
            int read = DataFiles.Read(stream, _bytes.AsSpan(_byteCount), path);
            _ended = read < _bytes.Length - _byteCount;
            _byteCount += read;
            ReadOnlySpan<byte> bytes = _bytes.AsSpan(0, _byteCount);
            if (_offset == 0)
            {
                if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
                    throw new ReverieException($"{path} is UTF-16 text; convert it to UTF-8 (iconv -f utf-16 -t utf-8).");
                if (bytes.StartsWith(Encoding.UTF8.Preamble))
                {
                    bytes = bytes[Encoding.UTF8.Preamble.Length..];
                    _offset = Encoding.UTF8.Preamble.Length;
                }
            }

            if (bytes.IndexOf((byte)0) is int zero and >= 0)
                throw new ReverieException($"{path} is not text: byte {_offset + zero} is zero. Leave binary files out, unpack archives, and give text as UTF-8.");
            OperationStatus status = Utf8.ToUtf16(bytes, _text.AsSpan(_end), out int used, out int written, replaceInvalidSequences: false, isFinalBlock: _ended);
            if (status == OperationStatus.InvalidData)
                throw new ReverieException($"{path} is not UTF-8 text: byte {_offset + used} is invalid. Convert the file to UTF-8, or leave it out.");
            _end += written;
            _offset += used;
            bytes[used..].CopyTo(_bytes);
            _byteCount = bytes.Length - used;
        }

        private static int Cut(ReadOnlySpan<char> text)
        {
            int half = text.Length / 2;
            ReadOnlySpan<char> second = text[half..];
            int unix = second.LastIndexOf("\n\n"), windows = second.LastIndexOf("\r\n\r\n");
            if (unix >= 0 || windows >= 0) return half + Math.Max(unix < 0 ? 0 : unix + 2, windows < 0 ? 0 : windows + 4);
            if (second.LastIndexOf('\n') is int line and >= 0) return half + line + 1;
            if (second.LastIndexOf(' ') is int space and > 0) return half + space;
            // A character outside the basic plane is two units that belong together.
            return char.IsHighSurrogate(text[^1]) && text.Length > 1 ? text.Length - 1 : text.Length;
        }
    }
}
