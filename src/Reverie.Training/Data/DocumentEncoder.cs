using System.Text;
using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Training;

/// <summary>
/// Encodes a stream of documents on several threads and gives them back in order. While one portion is encoded, the next one
/// is read.
/// </summary>
internal sealed class DocumentEncoder(Tokenizer tokenizer, int threads, CancellationToken cancel)
{
    // Large enough to keep the threads busy, small enough to stay in the cache and to stop soon after the limit.
    private const int PortionCharacters = 1 << 20;
    private const int PortionDocuments = 1024;

    private readonly int _endOfText = tokenizer.EndOfText;

    public IEnumerable<TokenizedDocument> Encode(IEnumerable<Document> documents)
    {
        using IEnumerator<Document> source = documents.GetEnumerator();
        List<Document> portion = Take(source);
        while (portion.Count > 0)
        {
            List<Document> current = portion;
            Task<List<Document>> next = Task.Run(() => Take(source), CancellationToken.None);
            var encoded = new TokenizedDocument[current.Count];
            try
            {
                var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads), CancellationToken = cancel };
                Parallel.For(0, current.Count, options, i => encoded[i] = Encode(current[i]));
                foreach (TokenizedDocument document in encoded) yield return document;
            }
            finally
            {
                // The source must not be closed while it is still being read.
                Task.WaitAny([next], CancellationToken.None);
            }

            portion = next.GetAwaiter().GetResult();
        }
    }

    private TokenizedDocument Encode(Document document)
    {
        if (document.Messages is not { } messages)
        {
            string text = document.Text!;
            var tokens = new List<int>((text.Length / 3) + 2);
            tokenizer.Encode(text, tokens);
            tokens.Add(_endOfText);
            return new TokenizedDocument([.. tokens], null, Encoding.UTF8.GetByteCount(text));
        }

        TokenizedConversation conversation = tokenizer.ChatTemplate.Render(messages, addGenerationPrompt: false);
        return new TokenizedDocument(
            [.. conversation.Tokens, _endOfText],
            [.. conversation.FromAssistant, false],
            messages.Sum(m => Encoding.UTF8.GetByteCount(m.Content)));
    }

    private List<Document> Take(IEnumerator<Document> source)
    {
        var portion = new List<Document>();
        long characters = 0;
        while (characters < PortionCharacters && portion.Count < PortionDocuments && !cancel.IsCancellationRequested && source.MoveNext())
        {
            portion.Add(source.Current);
            characters += source.Current.Text?.Length ?? source.Current.Messages!.Sum(m => (long)m.Content.Length);
        }

        return portion;
    }
}
