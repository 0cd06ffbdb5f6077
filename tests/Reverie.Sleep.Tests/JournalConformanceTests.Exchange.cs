using System.Text.Json.Nodes;
using CsCheck;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep.Tests;

public abstract partial class JournalConformanceTests
{
    [Fact]
    public async Task What_is_exported_and_imported_is_the_same_under_new_ids()
    {
        await BranchedAsync();
        string exported = await ExportAsync(Journal, Ada);
        IReadOnlyList<Conversation> imported = await Journal.ImportAsync(Bob, Utf8("\uFEFF" + exported));
        string again = await ExportAsync(Journal, Bob);
        Assert.Equal(Anonymous(exported), Anonymous(again));
        Assert.NotEqual(exported, again);
        ConversationTree tree = (await Journal.ReadTreeAsync(Bob, imported[0].Id))!;
        Assert.True(tree.Conversation.IsImported);
        Assert.All(tree.Messages, m => Assert.True(m.IsImported));
        Assert.Equal(imported, (await Journal.ListConversationsAsync(Bob)).Reverse());
        Assert.Equal("better", tree.Messages[1].Feedback!.BetterAnswer);
        Assert.NotNull(await Journal.ReadTraceAsync(Bob, tree.Messages[1].Id));
        Assert.NotEmpty(await Journal.SearchAsync(Bob, "first"));
        Assert.False((await Journal.AppendAsync(Bob, imported[0].Id, Question("new", tree.Messages[1].Id))).IsImported);
        Assert.Equal(exported, await ExportAsync(Journal, Ada));
    }

    [Fact]
    public async Task A_file_that_lies_is_refused_as_a_whole()
    {
        await BranchedAsync();
        string good = await ExportAsync(Journal, Ada);
        foreach (Action<JsonObject> lie in Lies())
        {
            JsonObject file = JsonNode.Parse(good)!.AsObject();
            lie(file);
            ReverieException e = await Assert.ThrowsAsync<ReverieException>(() => Journal.ImportAsync(Bob, Utf8(file.ToJsonString())));
            Assert.DoesNotContain('\n', e.Message);
        }

        string[] texts =
        [
            "", "null", "[]", "{}", "\"x\"", "{\"format\":\"reverie-conversations\"}", good[..(good.Length / 2)], good + "x", new string('[', 100_000), $"{{\"a\":{new string('[', 100_000)}",
            good.Replace("\"A talk\"", "\"\\ud800\"", StringComparison.Ordinal), good.Replace("\"version\": 2", "\"version\": 3", StringComparison.Ordinal), good.Replace("\"version\": 2", "\"version\": 0", StringComparison.Ordinal), good.Replace("\"version\": 2", "\"version\": 2, \"version\": 2", StringComparison.Ordinal),
        ];
        foreach (string text in texts) await Assert.ThrowsAsync<ReverieException>(() => Journal.ImportAsync(Bob, Utf8(text)));
        Assert.Equal(0, (await Journal.SummarizeAsync(Bob)).Sequence);
        Assert.NotEmpty(await Journal.ImportAsync(Bob, Utf8(good.Replace("\"version\": 2", "\"version\": 1", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_damaged_file_is_imported_or_refused_but_breaks_nothing()
    {
        await BranchedAsync();
        byte[] good = System.Text.Encoding.UTF8.GetBytes(await ExportAsync(Journal, Ada));
        await Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, 3]).Array[1, 4].SampleAsync(async changes =>
        {
            var bytes = new List<byte>(good);
            foreach ((int at, byte value, int kind) in changes)
            {
                if (kind == 0) bytes.RemoveRange(at / 2, Math.Min(value, bytes.Count - at / 2));
                else if (kind == 1) bytes.Insert(at / 2, value);
                else bytes[at % bytes.Count] = value;
            }

            try
            {
                foreach (Conversation conversation in await Journal.ImportAsync(Bob, new MemoryStream([.. bytes]))) Assert.NotNull(await Journal.ReadTreeAsync(Bob, conversation.Id));
            }
            catch (ReverieException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }, iter: 60, threads: 1);
    }

    private async Task BranchedAsync()
    {
        (Conversation conversation, JournalMessage asked, JournalMessage said) = await TalkAsync(Ada, "first", "one");
        await Journal.GiveFeedbackAsync(Ada, said.Id, true);
        await Journal.GiveFeedbackAsync(Ada, said.Id, false, "better");
        await Journal.AppendAsync(Ada, conversation.Id, Reply("two", asked.Id, 1));
        await Journal.AppendAsync(Ada, conversation.Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Typed("again"), MessagePart.Document("a.txt", "text")] });
        await Journal.SetActiveLeafAsync(Ada, conversation.Id, said.Id);
        await TalkAsync(Ada, "another", "talk", "B");
    }

    [Fact]
    public async Task A_reply_names_its_memories_by_ids_which_an_import_translates()
    {
        (_, JournalMessage source, _) = await TalkAsync(Ada, "My dog is called Rufus.", "Good.");
        (Conversation conversation, JournalMessage asked, _) = await TalkAsync(Ada, "What is my dog called?", "Max.");
        ReplyDetails details = Reply("", "").Reply! with { Memories = [source.Id, asked.Id, new string('a', 32)] };
        JournalMessage said = await Journal.AppendAsync(Ada, conversation.Id, Reply("Rufus.", asked.Id) with { Reply = details });
        Assert.Equal(details, (await Journal.FindMessageAsync(Ada, said.Id))!.Reply);
        foreach (string[] bad in new[] { ["My dog is called Rufus."], [null!], Enumerable.Repeat(source.Id, JournalLimits.Memories + 1).ToArray() })
            await Assert.ThrowsAsync<ReverieException>(() => Journal.AppendAsync(Ada, conversation.Id, Reply("x", asked.Id) with { Reply = details with { Memories = bad } }));

        using var file = new MemoryStream();
        await Journal.ExportAsync(Ada, file);
        file.Position = 0;
        IReadOnlyList<Conversation> imported = await Journal.ImportAsync(Bob, file);
        ConversationTree first = (await Journal.ReadTreeAsync(Bob, imported[0].Id))!, second = (await Journal.ReadTreeAsync(Bob, imported[1].Id))!;
        Assert.Equal([first.Messages[0].Id, second.Messages[0].Id], second.Messages[^1].Reply!.Memories!);
    }

    private static string Anonymous(string export)
    {
        var names = new Dictionary<string, string>();
        return System.Text.RegularExpressions.Regex.Replace(export, "[0-9a-f]{32}", m =>
        {
            if (!names.TryGetValue(m.Value, out string? name)) names[m.Value] = name = $"id {names.Count}";
            return name;
        });
    }

    private static IEnumerable<Action<JsonObject>> Lies()
    {
        static JsonObject Conversation(JsonObject file) => file["conversations"]![0]!.AsObject();
        static JsonObject Message(JsonObject file, int index) => Conversation(file)["messages"]![index]!.AsObject();
        static JsonObject Part(JsonObject file) => Message(file, 0)["parts"]![0]!.AsObject();
        return
        [
            f => f["format"] = "other",
            f => f["version"] = "1",
            f => f["conversations"] = null,
            f => f["conversations"]!.AsArray().Add(null),
            f => f["surprise"] = 1,
            f => Conversation(f)["details"] = null,
            f => Conversation(f)["details"]!["settings"] = "{",
            f => Conversation(f)["details"]!["title"] = new string('a', 1000),
            f => Conversation(f)["active_leaf"] = "nowhere",
            f => Conversation(f)["created"] = "yesterday",
            f => Conversation(f)["messages"]!.AsArray().Add(null),
            f => Conversation(f).Remove("messages"),
            f => Message(f, 1)["parent"] = "nowhere",
            f => Message(f, 1)["parent"] = Message(f, 2)["id"]!.DeepClone(),
            f => Message(f, 0)["parent"] = Message(f, 0)["id"]!.DeepClone(),
            f => Message(f, 1)["id"] = Message(f, 0)["id"]!.DeepClone(),
            f => Message(f, 1)["id"] = null,
            f => Message(f, 0)["role"] = "emperor",
            f => Message(f, 0)["role"] = 1,
            f => Message(f, 0)["parts"] = new JsonArray(),
            f => Message(f, 0)["parts"] = new JsonArray((JsonNode?)null),
            f => Message(f, 1)["trace"] = "AAAA",
            f => Message(f, 1)["trace"] = "no base64!",
            f => Message(f, 1)["feedback"] = new JsonArray((JsonNode?)null),
            f => Message(f, 1)["reply"]!["sampling"] = "[]",
            f => Message(f, 1)["reply"]!.AsObject().Remove("model"),
            f => Message(f, 1)["reply"]!["prompt_seconds"] = "NaN",
            f => Part(f)["kind"] = "poison",
            f => Part(f)["text"] = null,
            f => Part(f)["text"] = "longer than its spans",
            f => Part(f)["spans"] = null,
            f => Part(f)["spans"]![0]!["start"] = -1,
            f => Part(f)["spans"]![0]!["length"] = int.MaxValue,
            f => Part(f)["spans"]![0]!["source"] = "god",
            f => Part(f)["spans"] = new JsonArray(),
            f => Conversation(f)["messages"]![3]!["parts"]![1]!["spans"]![0]!["source"] = "typed",
        ];
    }
}
