using System.Text;
using CsCheck;
using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Training.Tests;

public class FileCorpusTests
{
    private static readonly string[] _parts = ["a", "bc ", "\n", "\n\n", "\r\n", "é", "日本", "😀", " ", "word ", "<|endof", "\r\n\r\n"];

    private static readonly Gen<string> _text = Gen.Int[0, 11].Select(i => _parts[i]).Array[0, 400].Select(string.Concat);

    [Fact]
    public void Documents_put_together_are_the_text() =>
        Gen.Select(_text, Gen.Int[2, 200], Gen.Bool).Sample((text, maximum, mark) =>
        {
            using var folder = new TemporaryFolder();
            string path = folder.Write("a.txt", [.. mark ? Encoding.UTF8.GetPreamble() : [], .. Encoding.UTF8.GetBytes(text)]);
            string[] documents = [.. TextDocuments.Read(path, maximum)];
            Assert.All(documents, d => Assert.InRange(d.Length, 1, maximum));
            Assert.All(documents, d => Assert.Equal(d, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(d))));
            // Documents of white space alone are left out; with them in place the text would be whole.
            Assert.Equal(string.Concat(text.Where(c => !char.IsWhiteSpace(c))), string.Concat(string.Concat(documents).Where(c => !char.IsWhiteSpace(c))));
            if (text.Length <= maximum && !string.IsNullOrWhiteSpace(text)) Assert.Equal([text], documents);
        });

    [Fact]
    public void Long_text_is_cut_at_blank_lines_first_then_lines_then_spaces()
    {
        using var folder = new TemporaryFolder();
        string[] Read(string text) => [.. TextDocuments.Read(folder.Write("a.txt", text), 20)];
        Assert.Equal(["one two\nthree\n\n", "four five six seven"], Read("one two\nthree\n\nfour five six seven"));
        Assert.Equal(["one two\r\nthree\r\n\r\n", "four five six seven"], Read("one two\r\nthree\r\n\r\nfour five six seven"));
        Assert.Equal(["one two three four\n", "five six seven eight"], Read("one two three four\nfive six seven eight"));
        Assert.Equal(["one two three four", " five six seven"], Read("one two three four five six seven"));
        Assert.Equal([new string('x', 20), "xx"], Read(new string('x', 22)));
        Assert.Equal(["x" + string.Concat(Enumerable.Repeat("😀", 9)), "😀"], Read("x" + string.Concat(Enumerable.Repeat("😀", 10))));
    }

    [Fact]
    public void End_of_text_marks_end_documents_wherever_they_fall() =>
        Gen.Int[0, 70].Array[1, 8].Sample(lengths =>
        {
            using var folder = new TemporaryFolder();
            string[] stories = [.. lengths.Select((n, i) => new string((char)('a' + i), n))];
            string[] documents = [.. TextDocuments.Read(folder.Write("a.txt", string.Join("<|endoftext|>", stories)), 70)];
            Assert.Equal(stories.Where(s => s.Length > 0), documents);
        });

    [Fact]
    public void Held_out_and_training_documents_are_all_documents_whatever_their_order()
    {
        string[] lines = [.. Enumerable.Range(0, 300).Select(i => $"{{\"text\":\"document {i % 280}\"}}")];
        using var folder = new TemporaryFolder();
        string[] Texts(IEnumerable<string> content, Split split) =>
            [.. FileCorpus.Open(folder.Write("a.jsonl", string.Join('\n', content))).Documents(split, 1).Select(d => d.Text!)];
        string[] train = Texts(lines, Split.Train), heldOut = Texts(lines, Split.HeldOut);
        Assert.Equal(300, train.Length + heldOut.Length);
        Assert.InRange(heldOut.Length, 5, 10);
        Assert.Empty(train.Intersect(heldOut));
        Assert.Equal(heldOut.Order(), Texts(lines.Reverse(), Split.HeldOut).Order());
        Assert.Empty(Texts(lines, Split.OutOfDistribution));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(7, 1)]
    [InlineData(16, 4)]
    [InlineData(150, 4)]
    [InlineData(1000, 20)]
    public void Small_data_still_get_a_held_out_part(int documents, int heldOut)
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.jsonl", string.Join('\n', Enumerable.Range(0, documents).Select(i => $"{{\"text\":\"{i}\"}}")));
        var corpus = FileCorpus.Open(folder.Path);
        Assert.Equal(heldOut, corpus.Documents(Split.HeldOut, 1).Count());
        Assert.Equal(documents - heldOut, corpus.Documents(Split.Train, 1).Count());
    }

    [Fact]
    public void A_megabyte_of_plain_text_has_a_held_out_part_of_a_few_documents()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("play.txt", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"SPEAKER {i}:\nA line of the play that says {i * i}.\n\n")));
        var corpus = FileCorpus.Open(path);
        Assert.InRange(corpus.Documents(Split.HeldOut, 1).Count(), 3, 8);
        Assert.All(corpus.Documents(Split.Train, 1), d => Assert.EndsWith(".\n\n", d.Text));
    }

    [Fact]
    public void Folders_and_patterns_are_read_in_ordinal_order_without_hidden_files()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b.txt", "b");
        folder.Write("B.md", "B");
        folder.Write("sub/deep/c.txt", "c");
        folder.Write("sub/d.jsonl", "{\"text\":\"d\"}");
        folder.Write("empty.txt", "");
        folder.Write(".git/x.txt", "x");
        folder.Write("LICENSE", "You may.");
        string[] Read(string path) => [.. FileCorpus.Open(path).Documents(Split.Train, 1).Concat(FileCorpus.Open(path).Documents(Split.HeldOut, 1)).Select(d => d.Text!).Order(StringComparer.Ordinal)];
        Assert.Equal(["B.md", "b.txt", "d.jsonl", "c.txt"], FileCorpus.Open(folder.Path).Files.Select(f => Path.GetFileName(f)!));
        Assert.Equal(["B", "b", "c", "d"], Read(folder.Path));
        Assert.Equal(["b", "c"], Read(folder.At("**/*.txt")));
        Assert.Equal(Path.GetFileName(folder.Path), FileCorpus.Open(folder.At("**/*.txt")).Name);
        Assert.Equal("sub", FileCorpus.Open(folder.At("sub/*.js*")).Name);
        Assert.Equal("b.txt", FileCorpus.Open(folder.At("b.txt")).Name);
        Assert.Equal(["b"], Read(folder.At("*.txt")));
        Assert.Equal(["d"], Read(folder.At("s*/?.jsonl")));
        Assert.Equal(["c", "d"], Read(folder.At("sub/**")));
    }

    [Fact]
    public void Conversations_come_in_every_spelling()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.jsonl", """
            {"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello!"}]}
            {"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello!"}]}

            {"question":"1+1?","answer":"2"}
            {"text":""}
            {"messages":[]}
            {"text":"plain"}
            """);
        Document[] documents = [.. JsonLines.Read(path, "a")];
        Assert.Equal([new Message(Role.System, "Be kind."), new(Role.User, "Hi"), new(Role.Assistant, "Hello!")], documents[0].Messages!);
        Assert.Equal([new Message(Role.User, "Hi"), new(Role.Assistant, "Hello!")], documents[1].Messages!);
        Assert.Equal([new Message(Role.User, "1+1?"), new(Role.Assistant, "2")], documents[2].Messages!);
        Assert.Equal("plain", documents[3].Text);
        Assert.Equal(4, documents.Length);
    }

    [Theory]
    [InlineData("{\"txt\":\"x\",\"id\":3}", ":2", "txt, id")]
    [InlineData("{\"text\":3}", ":2", "a number")]
    [InlineData("{\"text\":\"x\"", ":2", "not valid JSON")]
    [InlineData("[{\"text\":\"x\"}]", ":2", "array")]
    [InlineData("3", ":2", "not a JSON object")]
    [InlineData("{\"messages\":\"x\"}", ":2", "a string")]
    [InlineData("{\"messages\":[1]}", ":2", "a number")]
    [InlineData("{\"messages\":[{\"role\":\"user\"}]}", ":2", "role")]
    [InlineData("{\"messages\":[{\"role\":\"wizard\\n\",\"content\":\"x\"}]}", ":2", "wizard?")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[1]}]}", ":2", "a list")]
    [InlineData("{\"text\":\"\\ud800\"}", ":2", "not valid JSON")]
    [InlineData("{}", ":2", "no fields")]
    public void A_bad_line_is_named_with_file_and_line(string line, string where, string what)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.jsonl", "{\"text\":\"fine\"}\n" + line + "\n");
        string message = Refusal.Of(() => JsonLines.Read(path, "a").ToArray());
        Assert.Contains(path + where, message);
        Assert.Contains(what, message);
    }

    [Fact]
    public void Json_lines_survive_any_bytes()
    {
        byte[] good = Encoding.UTF8.GetBytes("{\"text\":\"fine é\"}\n{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}\n{\"question\":\"q\",\"answer\":\"a\"}\n");
        using var folder = new TemporaryFolder();
        string path = folder.At("a.jsonl");
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Array[1, 4].Sample(
            changes =>
            {
                byte[] bytes = [.. good];
                foreach ((int at, byte value) in changes) bytes[at] = value;
                File.WriteAllBytes(path, bytes);
                try
                {
                    _ = JsonLines.Read(path, "a").Count();
                }
                catch (Tensors.ReverieException e)
                {
                    Assert.Contains(path, e.Message);
                    Assert.DoesNotContain('\n', e.Message);
                }
            },
            iter: 800,
            threads: 1);
    }

    [Fact]
    public void Bad_files_are_refused_with_one_line()
    {
        using var folder = new TemporaryFolder();
        string Read(string path) => Refusal.Of(() => FileCorpus.Open(path).Documents(Split.Train, 1).Count());
        Assert.Contains("byte 3 is zero", Read(folder.Write("nul.txt", [65, 66, 67, 0, 65])));
        Assert.Contains("byte 100000 is invalid", Read(folder.Write("latin.txt", [.. Enumerable.Repeat((byte)'a', 100_000), 0xE9, 0x20])));
        Assert.Contains("byte 4 is invalid", Read(folder.Write("cut.txt", [0xEF, 0xBB, 0xBF, 65, 0xE6, 0x97])));
        Assert.Contains("UTF-16", Read(folder.Write("utf16.txt", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("hi")).ToArray())));
        Assert.Contains("is empty", Read(folder.Write("empty.txt", "")));
        Assert.Contains("no text", Read(folder.Write("blank.txt", " \n\n ")));
        Assert.Contains("no text", Read(folder.Write("blank.jsonl", "\n\n")));
        Assert.Contains("check the path", Read(folder.At("missing.txt")));
        Assert.Contains("No file matches", Read(folder.At("**/*.none")));
        Assert.Contains("no folder", Read(folder.At("none/*.txt")));
        Directory.CreateDirectory(folder.At("void"));
        Assert.Contains("holds no files", Read(folder.At("void")));
        folder.Write("void/a.txt", "");
        folder.Write("void/b.txt", "");
        Assert.Contains("All 2 files", Read(folder.At("void")));
        Assert.Contains("empty", Read(" "));
        Assert.Contains("longer than", Read(folder.Write("long.jsonl", [.. Enumerable.Repeat((byte)'x', JsonLines.MaximumLine + 1)])));
    }

    [Fact]
    public void Fingerprint_follows_the_files()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.txt", "one");
        string before = FileCorpus.Open(path).Fingerprint;
        Assert.Equal(before, FileCorpus.Open(path).Fingerprint);
        folder.Write("a.txt", "three");
        Assert.NotEqual(before, FileCorpus.Open(path).Fingerprint);
    }
}
