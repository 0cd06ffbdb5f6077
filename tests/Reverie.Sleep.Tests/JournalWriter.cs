using Reverie.Models;

namespace Reverie.Sleep.Tests;

/// <summary>Writes to a journal without end and says of each write that it is done; the process that is killed.</summary>
internal sealed class JournalWriter(IJournal journal, string owner, TextWriter acknowledgements)
{
    /// <summary>Goes on until it is killed, or for some rounds.</summary>
    public async Task RunAsync(int rounds = int.MaxValue)
    {
        for (int round = 0; round < rounds; round++)
        {
            Conversation conversation = await journal.CreateConversationAsync(owner, new ConversationDetails { Title = $"round {round}", SystemPrompt = "Be brief." });
            Say("conversation", conversation.Id);
            string? parent = null;
            for (int i = 0; i < 3; i++)
            {
                JournalMessage asked = await journal.AppendAsync(owner, conversation.Id, new NewMessage { Parent = parent, Role = Role.User, Parts = [MessagePart.Typed(Text(round, i))] });
                Say("message", asked.Id);
                JournalMessage said = await journal.AppendAsync(owner, conversation.Id, new NewMessage
                {
                    Parent = asked.Id,
                    Role = Role.Assistant,
                    Parts = [MessagePart.Said(Text(round, i + 10))],
                    Reply = new ReplyDetails { Model = "ada@1" },
                    Trace = new ReplyTrace { PromptLength = 3, Tokens = [.. Enumerable.Range(0, 200)], LogProbabilities = new float[200] },
                });
                Say("message", said.Id);
                Say("feedback", (await journal.GiveFeedbackAsync(owner, said.Id, i % 2 == 0, "better")).Message);
                parent = said.Id;
            }

            JournalMessage aside = await journal.AppendAsync(owner, conversation.Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Typed("to be deleted")] });
            await journal.DeleteMessageAsync(owner, aside.Id);
            Say("gone", aside.Id);
            if (round % 4 != 3) continue;
            await journal.DeleteConversationAsync(owner, conversation.Id);
            Say("without", conversation.Id);
        }
    }

    private static string Text(int round, int i) => $"round {round} message {i} {new string('x', i * 700)}";

    private void Say(string what, string id)
    {
        // The lock keeps the lines of several writers apart.
        lock (acknowledgements)
        {
            acknowledgements.WriteLine($"{what} {id}");
            acknowledgements.Flush();
        }
    }
}
