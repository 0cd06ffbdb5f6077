using Parquet;
using Parquet.Data;
using Parquet.Schema;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Training;

/// <summary>
/// Reads Parquet, one row group at a time: the column <c>text</c>, or <c>messages</c> / <c>conversations</c> (a list of role and
/// content), or <c>question</c> and <c>answer</c>. Empty and null rows are left out.
/// </summary>
internal static class ParquetDocuments
{
    /// <summary>Reads the documents of a file.</summary>
    /// <exception cref="ReverieException">The file is damaged, or has none of these columns.</exception>
    public static IEnumerable<Document> Read(string path, string source)
    {
        using FileStream stream = DataFiles.Open(path);
        ParquetReader reader = Guard(path, () =>
        {
            ParquetFooter.Check(stream);
            return ParquetReader.CreateAsync(stream, new ParquetOptions { TreatByteArrayAsString = true });
        });
        int groups = Guard(path, () => Task.FromResult(reader.RowGroupCount));
        for (int group = 0; group < groups; group++)
        {
            int index = group;
            foreach (Document document in Guard(path, () => ReadGroup(reader, index, path, source))) yield return document;
        }
    }

    private static async Task<List<Document>> ReadGroup(ParquetReader reader, int group, string path, string source)
    {
        using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
        DataField[] fields = reader.Schema.GetDataFields();
        DataField? Find(params string[] paths) =>
            fields.FirstOrDefault(f => paths.Contains(string.Join('/', f.Path.ToList().Where(p => p is not ("list" or "element" or "item" or "array" or "bag" or "array_element")))));

        var documents = new List<Document>();
        if (Find("text") is { } textField)
        {
            foreach (string?[] row in await ReadRows(rows, textField, path))
            {
                if (row is [{ Length: > 0 } text]) documents.Add(new Document(source, text));
            }
        }
        else if (Find("messages/role", "conversations/role", "conversations/from", "messages/from") is { } roleField &&
            Find("messages/content", "conversations/content", "conversations/value", "messages/value") is { } contentField)
        {
            List<string?[]> roles = await ReadRows(rows, roleField, path);
            List<string?[]> contents = await ReadRows(rows, contentField, path);
            if (!roles.Select(r => r.Length).SequenceEqual(contents.Select(c => c.Length)))
                throw new InvalidDataException("the columns of role and content differ in length");
            for (int i = 0; i < roles.Count; i++)
            {
                var messages = new List<Message>();
                for (int j = 0; j < roles[i].Length; j++)
                {
                    if (roles[i][j] is { } role)
                        messages.Add(new Message(JsonLines.RoleOf(role, $"{path}, row {i} of row group {group}"), contents[i][j] ?? ""));
                }

                if (messages.Count > 0) documents.Add(new Document(source, messages));
            }
        }
        else if (Find("question") is { } questionField && Find("answer") is { } answerField)
        {
            List<string?[]> answers = await ReadRows(rows, answerField, path);
            List<string?[]> questions = await ReadRows(rows, questionField, path);
            if (questions.Count != answers.Count) throw new InvalidDataException("the columns of question and answer differ in length");
            foreach ((string?[] question, string?[] answer) in questions.Zip(answers))
            {
                if (question is [{ } asked] && answer is [{ } said])
                    documents.Add(new Document(source, [new Message(Role.User, asked), new Message(Role.Assistant, said)]));
            }
        }
        else
        {
            string columns = string.Join(", ", reader.Schema.Fields.Select(f => f.Name).Take(20));
            throw new ReverieException($"{path} has the columns {columns}, but none of text, messages, conversations, or question with answer; rename the columns.");
        }

        return documents;
    }

    /// <summary>Reads a column of strings: for each row its values, one for a plain column, any number for a list.</summary>
    private static async Task<List<string?[]>> ReadRows(ParquetRowGroupReader rows, DataField field, string path)
    {
        if (field.ClrType != typeof(ReadOnlyMemory<char>))
            throw new ReverieException($"The column {field.Path} of {path} holds {field.ClrType.Name}; a column of strings is needed.");
        using var column = (RawColumnData<ReadOnlyMemory<char>>)await rows.ReadRawColumnDataBaseAsync(field, CancellationToken.None);
        ReadOnlySpan<ReadOnlyMemory<char>> values = column.Values;
        bool nullable = field.MaxDefinitionLevel > 0, repeated = field.MaxRepetitionLevel > 0;
        int entries = nullable ? column.DefinitionLevels.Length : values.Length;
        var result = new List<string?[]>();
        var row = new List<string?>();
        int next = 0;
        for (int i = 0; i < entries; i++)
        {
            if (i > 0 && (!repeated || column.RepetitionLevels[i] == 0))
            {
                result.Add([.. row]);
                row.Clear();
            }

            bool present = !nullable || column.DefinitionLevels[i] == field.MaxDefinitionLevel;
            row.Add(present ? new string(values[next++].Span) : null);
        }

        if (entries > 0) result.Add([.. row]);
        return result;
    }

    private static T Guard<T>(string path, Func<Task<T>> read)
    {
        try
        {
            return read().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not (ReverieException or OperationCanceledException))
        {
            // The library meets damage with many kinds of exception: overflow, index, missing values, huge sizes.
            throw new ReverieException($"{path} is not a whole Parquet file ({e.GetType().Name}); download or write it again.", e);
        }
    }
}
