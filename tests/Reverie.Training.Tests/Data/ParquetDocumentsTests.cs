using Parquet;
using Parquet.Schema;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Training.Tests;

public class ParquetDocumentsTests
{
    [Fact]
    public async Task Text_is_read_over_row_groups_without_empty_rows()
    {
        using var folder = new TemporaryFolder();
        string path = await WriteText(folder.At("a.parquet"), "text", ["one", null, "", "two é"], ["three"]);
        Assert.Equal(["one", "two é", "three"], ParquetDocuments.Read(path, "a").Select(d => d.Text));
        Assert.Equal(3, FileCorpus.Open(path).Documents(Split.Train, 1).Count() + FileCorpus.Open(path).Documents(Split.HeldOut, 1).Count());
    }

    [Theory]
    [InlineData("messages", "role", "content")]
    [InlineData("conversations", "from", "value")]
    public async Task Conversations_are_read_from_nested_lists(string list, string role, string content)
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("a.parquet");
        var schema = new ParquetSchema(new DataField<string>("id"), new ListField(list, new StructField("element", new DataField<string>(content), new DataField<string>(role))));
        DataField[] fields = schema.GetDataFields();
        await using (FileStream stream = File.Create(path))
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream))
        {
            using ParquetRowGroupWriter rows = writer.CreateRowGroup();
            // Rows: (user, assistant), an empty list, (user with null content), in Dremel levels.
            await rows.WriteAsync(fields[0], ["x", "y", "z"]);
            await WriteNested(rows, fields[1], ["Hi", "Hello!"], [4, 4, 1, 3]);
            await WriteNested(rows, fields[2], ["user", "assistant", "user"], [4, 4, 1, 4]);
        }

        Document[] documents = [.. ParquetDocuments.Read(path, "a")];
        Assert.Equal(2, documents.Length);
        Assert.Equal([new Message(Role.User, "Hi"), new(Role.Assistant, "Hello!")], documents[0].Messages!);
        Assert.Equal([new Message(Role.User, "")], documents[1].Messages!);
    }

    [Fact]
    public async Task Question_and_answer_become_a_conversation()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("a.parquet");
        var schema = new ParquetSchema(new DataField<string>("question"), new DataField<string>("answer"));
        await using (FileStream stream = File.Create(path))
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream))
        {
            using ParquetRowGroupWriter rows = writer.CreateRowGroup();
            await rows.WriteAsync(schema.DataFields[0], ["1+1?"]);
            await rows.WriteAsync(schema.DataFields[1], ["2"]);
        }

        Assert.Equal([new Message(Role.User, "1+1?"), new(Role.Assistant, "2")], Assert.Single(ParquetDocuments.Read(path, "a")).Messages!);
    }

    [Fact]
    public async Task Files_without_text_are_refused_with_their_columns()
    {
        using var folder = new TemporaryFolder();
        string path = await WriteText(folder.At("a.parquet"), "body", ["x"]);
        Assert.Contains("columns body,", Refusal.Of(() => ParquetDocuments.Read(path, "a").Count()));
        var schema = new ParquetSchema(new DataField<int>("text"));
        await using (FileStream stream = File.Create(path))
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream))
        {
            using ParquetRowGroupWriter rows = writer.CreateRowGroup();
            await rows.WriteAsync<int>(schema.DataFields[0], new[] { 1 });
        }

        Assert.Contains("strings", Refusal.Of(() => ParquetDocuments.Read(path, "a").Count()));
        Assert.Contains("not a whole Parquet file", Refusal.Of(() => ParquetDocuments.Read(folder.Write("b.parquet", "PAR1 nothing PAR1"), "b").Count()));
    }

    [Fact]
    public async Task Damage_is_refused_or_read_but_never_another_exception()
    {
        using var folder = new TemporaryFolder();
        string path = await WriteText(folder.At("a.parquet"), "text", ["one", "two", null, "three"], ["four", "five"]);
        byte[] good = File.ReadAllBytes(path);
        var random = new RandomStream(7, "damage");
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = [.. good];
            if (i % 10 == 0) bytes = bytes[..random.Next(bytes.Length)];
            for (int flips = random.Next(1, 4); flips > 0 && bytes.Length > 0; flips--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, bytes);
            try
            {
                _ = ParquetDocuments.Read(path, "a").Count();
            }
            catch (ReverieException e)
            {
                Assert.Contains(path, e.Message);
            }
        }
    }

    private static async Task<string> WriteText(string path, string column, params string?[][] groups)
    {
        var schema = new ParquetSchema(new DataField<string>(column));
        await using FileStream stream = File.Create(path);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream);
        foreach (string?[] group in groups)
        {
            using ParquetRowGroupWriter rows = writer.CreateRowGroup();
            await rows.WriteAsync(schema.DataFields[0], group!);
        }

        return path;
    }

    private static Task WriteNested(ParquetRowGroupWriter rows, DataField field, string[] values, int[] definition) =>
        rows.WriteAllPartsAsync<ReadOnlyMemory<char>>(field, values.Select(v => v.AsMemory()).ToArray(), definition, new[] { 0, 1, 0, 0 }, default);
}
