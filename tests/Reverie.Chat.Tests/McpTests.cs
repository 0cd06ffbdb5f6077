using System.IO.Pipelines;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Reverie.Chat.Tests;

public class McpTests
{
    [Fact]
    public async Task Tools_of_an_MCP_server_are_called_by_the_model_and_answered()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        Pipe toServer = new(), toClient = new();
        List<string> asked = [];
        McpServerTool weather = McpServerTool.Create((bool tomorrow) => { asked.Add($"{tomorrow}"); return "rain"; }, new McpServerToolCreateOptions { Name = "weather", Description = "the weather" });
        await using var transport = new StreamServerTransport(toServer.Reader.AsStream(), toClient.Writer.AsStream());
        await using McpServer server = McpServer.Create(transport, new McpServerOptions { ToolCollection = [weather] });
        Task serving = server.RunAsync(cancel);
        await using (McpClient tools = await McpClient.CreateAsync(new StreamClientTransport(toServer.Writer.AsStream(), toClient.Reader.AsStream()), cancellationToken: cancel))
        {
            await using var small = new SmallWorkspace(context: 2048);
            using IChatClient client = small.Catalog.ChatClient().AsBuilder().UseFunctionInvocation().Build();
            var options = new ChatOptions { Tools = [.. await tools.ListToolsAsync(cancellationToken: cancel)], ToolMode = ChatToolMode.RequireAny, AllowMultipleToolCalls = false, MaxOutputTokens = 60, Seed = 2 };
            ChatResponse reply = await client.GetResponseAsync("will it rain?", options, cancel);
            Assert.Contains(Assert.Single(asked), new[] { "True", "False" });
            FunctionResultContent result = Assert.Single(reply.Messages.SelectMany(m => m.Contents).OfType<FunctionResultContent>());
            Assert.Contains("rain", result.Result!.ToString(), StringComparison.Ordinal);
        }

        await toServer.Writer.CompleteAsync();
        await serving;
    }
}
