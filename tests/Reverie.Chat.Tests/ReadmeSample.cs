using Microsoft.Extensions.AI;
using Reverie.Chat;
using Reverie.Models;

namespace Sample;

/// <summary>The README's sample, as it stands there.</summary>
internal static class ReadmeSample
{
    /// <summary>Talks to the model that was made last.</summary>
    public static async Task RunAsync()
    {
        // <sample>
        await using var models = new ModelCatalog(new Workspace());   // ./.reverie, or REVERIE_HOME
        using IChatClient client = models.ChatClient().AsBuilder().UseFunctionInvocation().Build();

        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("What is 47 + 38?"))
            Console.Write(update.Text);

        AIFunction weather = AIFunctionFactory.Create((bool tomorrow) => tomorrow ? "rain" : "sun", "weather");
        ChatResponse answer = await client.GetResponseAsync("Will I get wet tomorrow?",
            new ChatOptions { Tools = [weather], ToolMode = ChatToolMode.RequireAny, AllowMultipleToolCalls = false });
        Console.WriteLine(answer.Messages[^1].Text);

        ChatResponse<Fox> fox = await client.GetResponseAsync<Fox>("Tell me about a fox.", new ChatOptions { Seed = 1 });
        Console.WriteLine(fox.Result);                                // its JSON schema bound the reply, token by token

        using IEmbeddingGenerator<string, Embedding<float>> embeddings = models.EmbeddingGenerator();
        Console.WriteLine((await embeddings.GenerateVectorAsync("a brave fox")).Length);
        // </sample>
    }

    // <sample>
    internal enum Mood { Brave, Sleepy, Hungry }

    internal sealed record Fox(Mood Mood, bool HasKite);
    // </sample>
}
