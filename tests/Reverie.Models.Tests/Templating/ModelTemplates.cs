namespace Reverie.Models.Tests.Templating;

/// <summary>Templates of our own in the style of those that well-known models ship.</summary>
internal static class ModelTemplates
{
    /// <summary>Thoughts only in the last answer, calls of tools between tags.</summary>
    public const string Thinking =
        """
        {%- if tools %}
            {{- '<|im_start|>system\n' }}
            {%- if messages[0].role == 'system' %}{{- messages[0].content + '\n\n' }}{%- endif %}
            {{- "You may call:" }}
            {%- for tool in tools %}{{- "\n" }}{{- tool | tojson }}{%- endfor %}
            {{- '<|im_end|>\n' }}
        {%- elif messages[0].role == 'system' %}
            {{- '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}
        {%- endif %}
        {%- set ns = namespace(searching=true, last=messages|length - 1) %}
        {%- for message in messages[::-1] %}
            {%- if ns.searching and message.role == 'user' and not message.content.startswith('<tool_response>') %}
                {%- set ns.searching = false %}
                {%- set ns.last = messages|length - 1 - loop.index0 %}
            {%- endif %}
        {%- endfor %}
        {%- for message in messages %}
            {%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
                {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
            {%- elif message.role == 'assistant' %}
                {%- set content = message.content %}
                {%- set thoughts = '' %}
                {%- if message.reasoning_content is string %}
                    {%- set thoughts = message.reasoning_content %}
                {%- elif '</think>' in content %}
                    {%- set thoughts = content.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') %}
                    {%- set content = content.split('</think>')[-1].lstrip('\n') %}
                {%- endif %}
                {%- if loop.index0 > ns.last and (loop.last or thoughts) %}
                    {{- '<|im_start|>' + message.role + '\n<think>\n' + thoughts.strip('\n') + '\n</think>\n\n' + content.lstrip('\n') }}
                {%- else %}
                    {{- '<|im_start|>' + message.role + '\n' + content }}
                {%- endif %}
                {%- for call in message.tool_calls or [] %}
                    {%- if (loop.first and content) or not loop.first %}{{- '\n' }}{%- endif %}
                    {%- set call = call.function or call %}
                    {{- '<tool_call>\n{"name": "' + call.name + '", "arguments": ' + (call.arguments if call.arguments is string else call.arguments | tojson) + '}\n</tool_call>' }}
                {%- endfor %}
                {{- '<|im_end|>\n' }}
            {%- elif message.role == 'tool' %}
                {%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}{{- '<|im_start|>user' }}{%- endif %}
                {{- '\n<tool_response>\n' + message.content + '\n</tool_response>' }}
                {%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{- '<|im_end|>\n' }}{%- endif %}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\n' }}
            {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\n\n</think>\n\n' }}{%- endif %}
        {%- endif %}
        """;

    /// <summary>A header for each turn, trimmed content, the begin of text at the first.</summary>
    public const string Headers =
        """
        {{- bos_token }}
        {%- if messages[0]['role'] == 'system' %}
            {%- set system = messages[0]['content'] | trim %}
            {%- set messages = messages[1:] %}
        {%- else %}
            {%- set system = '' %}
        {%- endif %}
        {{- "<|start_header_id|>system<|end_header_id|>\n\nToday: " + strftime_now('%d %b %Y') + "\n\n" + system + "<|eot_id|>" }}
        {%- for message in messages %}
            {%- if message.role in ('tool', 'ipython') %}
                {{- "<|start_header_id|>ipython<|end_header_id|>\n\n" + message.content + "<|eot_id|>" }}
            {%- elif 'tool_calls' in message %}
                {%- set call = message.tool_calls[0].function %}
                {{- "<|start_header_id|>assistant<|end_header_id|>\n\n" }}
                {{- '{"name": "' + call.name + '", "parameters": ' + call.arguments | tojson + '}' + "<|eot_id|>" }}
            {%- else %}
                {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif %}
        """;

    /// <summary>ChatML with a system message of its own.</summary>
    public const string DefaultSystem =
        """
        {% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are kind<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
        """;

    /// <summary>The end of text behind every turn, line breaks of the template itself between them.</summary>
    public const string Tags =
        """
        {% for message in messages %}
        {% if message['role'] == 'user' %}
        {{ '<|user|>\n' + message['content'] + eos_token }}
        {% elif message['role'] == 'system' %}
        {{ '<|system|>\n' + message['content'] + eos_token }}
        {% elif message['role'] == 'assistant' %}
        {{ '<|assistant|>\n'  + message['content'] + eos_token }}
        {% endif %}
        {% if loop.last and add_generation_prompt %}
        {{ '<|assistant|>' }}
        {% endif %}
        {% endfor %}
        """;

    /// <summary>Brackets around what the user says, nothing before the answer, turns that must alternate.</summary>
    public const string Brackets =
        """
        {%- if messages[0]['role'] == 'system' %}{%- set system = messages[0]['content'] %}{%- set messages = messages[1:] %}{%- endif %}
        {{- bos_token }}
        {%- for message in messages %}
            {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant') }}{%- endif %}
            {%- if message['role'] == 'user' %}
                {{- '[INST] ' + (system + '\n\n' if system is defined and loop.first else '') + message['content'] + ' [/INST]' }}
            {%- else %}
                {{- ' ' + message['content'] | trim + eos_token }}
            {%- endif %}
        {%- endfor %}
        """;

    /// <summary>ChatML that says itself what the assistant writes.</summary>
    public const string Generation =
        """
        {%- for message in messages %}
        {{- '<|im_start|>' + message.role + '\n' }}
        {%- if message.role == 'assistant' %}{% generation %}{{- message.content + '<|im_end|>' }}{% endgeneration %}{%- else %}{{- message.content + '<|im_end|>' }}{%- endif %}
        {{- '\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}
        """;

    public static string[] All { get; } = [Thinking, Headers, DefaultSystem, Tags, Brackets, Generation, ChatTemplate.Jinja];
}
